# Pinned by version; pin by digest for production (digests could not be looked up where this was written).
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
# setuptools comes from the lock, so nothing unpinned runs here.
RUN /opt/floorpulse/bin/pip install --no-deps --no-build-isolation . \
    && /opt/floorpulse/bin/python -m compileall -q /opt/floorpulse/lib

FROM python:3.11.14-slim-bookworm
COPY --from=build /opt/floorpulse /opt/floorpulse
COPY floor.toml /etc/floorpulse/floor.toml
ENV PATH=/opt/floorpulse/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    FLOORPULSE_CONFIG=/etc/floorpulse/floor.toml
WORKDIR /tmp
USER 10001:10001
CMD ["floorpulse", "--help"]
