"""The case file of one official action: what belongs together, what each witness says, and what an arrival adds.

Decisions only. :mod:`.signals` are the values that arrive, :func:`correlate` says which belong together and why, :func:`account` what
a case says, :mod:`.statements` says it in sentences, :mod:`.news` what is new in it.
"""

from monitor.core.dossier.account import Account, account
from monitor.core.dossier.joining import Case, Member, correlate
from monitor.core.dossier.signals import ListChange, Published, Ref, Signal

__all__ = [
    "Account",
    "Case",
    "ListChange",
    "Member",
    "Published",
    "Ref",
    "Signal",
    "account",
    "correlate",
]
