FROM python:3.13-slim-bookworm AS builder

WORKDIR /srv/sakuga
ENV PATH=/opt/venv/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock ./
RUN python -m venv /opt/venv \
    && pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY . .
# The canvas is built here, with Node from a wheel that stays behind in this stage.
RUN pip install --no-cache-dir --no-deps -e . \
    && rm -rf static/node_modules


FROM python:3.13-slim-bookworm

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SAKUGA_DATA_DIR=/data \
    SAKUGA_HOST=0.0.0.0 \
    MALLOC_ARENA_MAX=2
RUN install -d -o 10001 -g 10001 -m 700 /data
COPY --from=builder /opt/venv /opt/venv
COPY --from=builder /srv/sakuga /srv/sakuga
WORKDIR /srv/sakuga
USER 10001:10001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
CMD ["sakuga", "web"]
