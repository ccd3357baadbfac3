"""The recogniser alone on each true turn, in its true language: what its words cost without segments and voices."""

from __future__ import annotations

from pathlib import Path

from floorlog.adapters import model_files
from floorlog.clock import SAMPLE_RATE_HZ, SAMPLES_PER_MS
from floorlog.scoring.truth import Truth
from floorlog.services.recognisers import RecogniserSettings


def words(media: Path, truth: Truth, chosen: RecogniserSettings) -> list[list[str]]:
    """Return the words heard in each true turn, decoded alone; none in those whose words are not known.

    Args:
        media: The sound of the meeting.
        truth: Its turns.
        chosen: Which model, and the beam.

    Raises:
        ModelMissing: there is no such model here.
    """
    from faster_whisper import WhisperModel, decode_audio

    cache = None if chosen.cache is None else Path(chosen.cache)
    files = model_files.resolve(chosen.model, cache)
    model = WhisperModel(
        str(files.path), device=chosen.device, compute_type=chosen.compute_type, cpu_threads=chosen.threads
    )
    samples = decode_audio(str(media), sampling_rate=SAMPLE_RATE_HZ)
    found: list[list[str]] = []
    for turn in truth.turns:
        if turn.text is None:
            found.append([])
            continue
        part = samples[turn.span.start_ms * SAMPLES_PER_MS : turn.span.end_ms * SAMPLES_PER_MS]
        language = None if turn.language is None else turn.language.split("-")[0].lower()  # as Whisper names them
        heard, _ = model.transcribe(part, language=language, beam_size=chosen.beam, condition_on_previous_text=False)
        found.append(" ".join(segment.text for segment in heard).split())
    return found
