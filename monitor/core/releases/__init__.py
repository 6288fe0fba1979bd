"""What a press release says about sanctions: of what kind it is, whom it names, and its own numbers."""

from monitor.core.releases.claims import Claim
from monitor.core.releases.classification import ReleaseClass, classify_release
from monitor.core.releases.counts import Counts, compare, counts_in
from monitor.core.releases.mentions import Mention, Party, around, find_mentions
from monitor.core.releases.sentences import sentence_around

__all__ = [
    "Claim",
    "Counts",
    "Mention",
    "Party",
    "ReleaseClass",
    "around",
    "classify_release",
    "compare",
    "counts_in",
    "find_mentions",
    "sentence_around",
]
