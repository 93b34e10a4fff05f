"""The question bank: questions and their versions, review by experts, import and export."""
