"""A broker that dies while a consumer listens to it."""

import os
import signal
import threading

import pytest
from dramatiq.errors import BrokerConnectionError

from app.engine.doorbell import connect
from app.serve import embedded


def test_a_listening_consumer_reports_a_dead_broker_as_a_lost_connection(tmp_path):
    """dramatiq knows what to do about a lost connection; anything else it logs with a stack each time."""
    with embedded.start_or_attach(tmp_path) as running:
        broker = connect(running.url)
        broker.declare_queue("work")
        consumer = broker.consume("work", prefetch=1, timeout=10)
        next(consumer)
        assert running.process
        threading.Timer(0.2, os.kill, (running.process.pid, signal.SIGKILL)).start()
        with pytest.raises(BrokerConnectionError):
            next(consumer)
