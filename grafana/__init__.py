"""Grafana dashboards as code: `python -m grafana.build` writes `dashboards/*.json`."""

import warnings

with warnings.catch_warnings():
    # Only Grafana 13 reads the newer model that the library recommends; the classic one is read by 10 to 13.
    warnings.simplefilter("ignore", DeprecationWarning)
    import grafana_foundation_sdk.builders.dashboard
    import grafana_foundation_sdk.builders.prometheus  # noqa: F401
