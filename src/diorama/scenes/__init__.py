"""From recorded states to a Scene: plain data that any surface can show. Computes pictures, draws and fits nothing.

`scenes.registry.scene_of` finds the scene of a recorded loop; it knows every algorithm, so it is imported where it is
called and not here.
"""

from diorama.scenes.scene import Frame, Grip, Scene, SceneError

__all__ = ["Frame", "Grip", "Scene", "SceneError"]
