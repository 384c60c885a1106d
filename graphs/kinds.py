"""The node types that a graph gives a meaning beyond their work; their names are fixed (contract §8)."""

TRIGGER = "webhook_input"
RATE_LIMITER = "rate_limiter"
CIRCUIT_BREAKER = "circuit_breaker"
COST_MONITOR = "cost_monitor"
GENERATOR = "generator"
QC = "qc"
DELIVERY = "webhook_delivery"
SUBWORKFLOW = "subworkflow"
MAP = "map"
# what they cost is what the runs they start cost
SPAWNING = frozenset({SUBWORKFLOW, MAP})
