"""From recorded states to a Scene: plain data that any surface can show. Computes pictures, draws and fits nothing."""

from diorama.scenes.registry import scene_of
from diorama.scenes.scene import Frame, Scene, SceneError

__all__ = ["Frame", "Scene", "SceneError", "scene_of"]
