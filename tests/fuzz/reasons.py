"""What a message about a bad recording must hold: the file's name, what was found, and what to do."""

REMEDIES: dict[str, tuple[str, ...]] = {
    "empty_file": ("ask the PBX for this recording again",),
    "truncated": ("fetch it again", "ask the PBX for this recording again"),
    "not_audio": ("take it out of the folder", "export the call's own channels"),
    "too_long": ("split it, or raise the limit",),
    "unreadable": ("check its rights", "rename the file", "mend it, or take it out", "take it out of the folder"),
    "no_speech": ("nothing to transcribe",),
    "decoder_crashed": ("convert the file to wav",),
}


def lacking(code: str, reason: str, name: str) -> str:
    """What the message lacks; empty where it is whole. Any code beside REMEDIES is a defect of ours."""
    if code not in REMEDIES:
        return f"{code} is no reason that a damaged file may have: {reason}"
    if name not in reason:
        return f"{name} is not named in: {reason}"
    if not reason.isprintable():
        return f"cannot be shown: {reason!a}"
    return "" if any(remedy in reason for remedy in REMEDIES[code]) else f"{code} without a remedy: {reason}"
