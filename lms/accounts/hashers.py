"""The password hasher. About 30 ms of CPU a login, so a class that logs in together does not stop the server."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class KaiboArgon2Hasher(Argon2PasswordHasher):
    """argon2id with t = 2, m = 19 MiB, p = 1 (OWASP's first choice; architecture, "Passwords")."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
