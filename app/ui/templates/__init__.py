"""The gallery of templates: what is offered, and how a workflow is made from it."""
