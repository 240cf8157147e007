"""From a fit that somebody watches to a Recording."""

from diorama.recording.recorder import Moment, RecordedFit, Recorder
from diorama.recording.recording import Recording, record, watch

__all__ = ["Moment", "RecordedFit", "Recorder", "Recording", "record", "watch"]
