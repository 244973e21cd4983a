# Pinned by version; `python3 -m scripts.pin_digests` adds the digests where there is Docker.
FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/floorpulse
WORKDIR /src
COPY requirements.lock ./
RUN /opt/floorpulse/bin/pip install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY kpi kpi
COPY sources sources
COPY streams streams
COPY board board
COPY alerts alerts
COPY floorpulse floorpulse
# setuptools comes from the lock, so nothing unpinned runs here; what only builds and installs stays behind.
RUN /opt/floorpulse/bin/pip install --no-deps --no-build-isolation . \
    && /opt/floorpulse/bin/pip uninstall --yes setuptools pip \
    && /opt/floorpulse/bin/python -m compileall -q /opt/floorpulse/lib \
    && mkdir /var/lib/floorpulse

FROM python:3.11.14-slim-bookworm
LABEL org.opencontainers.image.title="floorpulse" \
    org.opencontainers.image.description="Exact, live numbers of a contact centre: worker, board, sources" \
    org.opencontainers.image.version="0.1.0" \
    org.opencontainers.image.licenses="Apache-2.0"
# Whoever gets in finds nothing to install more with.
RUN python -m pip uninstall --yes setuptools wheel pip
COPY --from=build /opt/floorpulse /opt/floorpulse
# A volume mounted here begins with its owner: where a source keeps its position.
COPY --from=build --chown=10001:10001 /var/lib/floorpulse /var/lib/floorpulse
COPY floor.toml /etc/floorpulse/floor.toml
ENV PATH=/opt/floorpulse/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    FLOORPULSE_CONFIG=/etc/floorpulse/floor.toml
WORKDIR /tmp
USER 10001:10001
# Worker, board and source are seen to be well in different ways: who starts them says how.
HEALTHCHECK NONE
CMD ["floorpulse", "--help"]
