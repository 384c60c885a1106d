"""How changes between two versions are named for people."""

from app.ui.editor.said import Names, value_text
from graphs.compare import differences

STEPS = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 20}, "_meta": {"title": "Sampler"}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
}


def _document(steps, **more):
    settings = {"provider": "comfyui", "workflow": steps}
    return {"nodes": [{"id": "comfy", "type": "comfy_workflow", "settings": settings}], "links": [], **more}


def test_changes_of_a_comfyui_recipe_are_named() -> None:
    """Rule: each changed input is named by the step's title there, and steps by their kind."""
    changed = {
        "3": {**STEPS["3"], "inputs": {"seed": 1, "steps": 30}},
        "7": {"class_type": "SaveImage", "inputs": {}},
    }
    old, new = _document(STEPS), _document(changed, recipe="off")
    found = differences(old, new)
    names = Names([], new, old)
    told = {
        names.path(each.id, each.path): (value_text(each.before), value_text(each.after)) for each in found
    }
    assert told == {
        "Recipe of ComfyUI › Sampler (3) › steps": ("20", "30"),
        "Recipe of ComfyUI › CheckpointLoaderSimple (4)": ("CheckpointLoaderSimple", "not set"),
        "Recipe of ComfyUI › SaveImage (7)": ("not set", "SaveImage"),
        "Recipe in pictures": ("not set", "off"),
    }
