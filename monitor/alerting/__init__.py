"""From what happened to what people are told: events become alerts, dossiers, digests and escalations.

Each module performs one kind of turn on the database (``alerter``, ``digester``, ``escalator``, ``second_witness``) or one step of it:
``dossiers`` keeps what belongs together, ``telling`` looks up what is said beside the changes, ``composer`` makes the alert's value,
``writer`` puts it down in every form. What they decide stands in :mod:`monitor.core`.
"""
