"""One exception type per room; every message says what, which value, where, and what to do next."""


class GovlakeError(Exception):
    """An error a person can act on.

    `message` says what went wrong with which value and where; `remedy` says what to do next.
    The command line prints both as one sentence and never shows a trace.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class SettingsError(GovlakeError):
    """A setting is missing or has a value that cannot be used."""


class ContractError(GovlakeError):
    """A contract is missing, malformed or asks for something impossible."""


class ConnectorError(GovlakeError):
    """A department's system cannot be reached, refuses us, or does not give what was agreed."""


class CalendarError(GovlakeError):
    """A day lies outside the calendar of working days, or the calendar has a gap."""


class IndicatorError(GovlakeError):
    """The register of indicators cannot be read, or an indicator of it cannot be used."""


class DeliveryError(GovlakeError):
    """A delivered file cannot be read as agreed. The delivery is held; nothing of it enters bronze.

    The department reads it in its own language: `message_zh` and `remedy_zh` say the same in Chinese.
    """

    def __init__(self, message: str, remedy: str = "", message_zh: str = "", remedy_zh: str = "") -> None:
        super().__init__(message, remedy)
        self.message_zh = message_zh or message
        self.remedy_zh = remedy_zh or remedy


class LeaseError(GovlakeError):
    """Another home writes this lake, or this one lost its turn to write it."""


class LakeError(GovlakeError):
    """A table of the lake cannot be read or written."""


class StoreError(GovlakeError):
    """The place where lake and landing are kept does not answer, refuses, or breaks a promise."""


class EngineError(GovlakeError):
    """The engine is not there or refused the work."""


class LedgerError(GovlakeError):
    """The ledger refused an entry, for example a batch whose row account does not close."""


class GateError(GovlakeError):
    """A gate could not judge."""


class EditionError(GovlakeError):
    """An edition could not be published, shown or rolled back."""


class StackError(GovlakeError):
    """A process of the supervised stack did not start, stop or answer."""


class CockpitError(GovlakeError):
    """The cockpit refused its assets, or shows something other than what was generated."""
