"""Rows: how one proposal is shown, whatever it holds."""

from __future__ import annotations

from trunk_failures import changes, file_names
from trunk_failures.proposals import Proposal

_CONTROLS = {
    **{code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))},
    # Line ends to some, and what turns the direction of the text around it.
    **{code: f"\\u{code:04x}" for code in (*range(0x2028, 0x202F), *range(0x2066, 0x206A))},
}


def visible(text: str) -> str:
    """Return a text as one line that a terminal shows as it is."""
    shown = text.translate(_CONTROLS)
    return shown.encode("utf-8", "backslashreplace").decode()


def path(address: changes.Address) -> str:
    """Return the path of an entry below the test directory."""
    return address.place(file_names.encode(address.key))


def where(found: Proposal) -> str:
    """Return the configurations that saw what a proposal follows from, or ""."""
    names = [name for name in found.configurations if name]
    return visible(f"[{', '.join(names)}]") if names else ""


def subject(found: Proposal) -> str:
    """Return what a proposal is about: the entry that changes, or the test's key."""
    change = found.change
    if change is None:
        return visible(found.key)
    if change.before and change.after and change.before != change.after:
        return visible(f"{path(change.before)} -> {path(change.after)}")
    address = change.after or change.before
    return visible(path(address) if address else found.key)


def why(found: Proposal) -> str:
    """Return why, with the failure that was seen, and the new marker where there is one."""
    fields = dict(found.change.fields) if found.change else {}
    when = f"; when: {fields['when']}" if fields.get("when") else ""
    cause = f": {found.cause}" if found.cause else ""
    return visible(f"{found.why}{cause}{when}")
