"""Questions in and out: one codec a format, all over `assessment.bank.types`. No codec knows Django's tables."""
