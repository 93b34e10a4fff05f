"""The question bank in Wagtail's frame, which has asked already whether she may enter the admin."""
