"""QTI of 1EdTech: packages and single items of 2.1, 2.2 and 3.0 in, packages of 3.0 out.

Specification: https://www.imsglobal.org/spec/qti/v3p0/impl, https://www.imsglobal.org/question/qtiv2p1/imsqti_infov2p1.html.
"""

from assessment.bank.exchange.qti.reading import read
from assessment.bank.exchange.qti.writing import write

__all__ = ["read", "write"]
