"""Settings of the gateway, read from the environment."""

from __future__ import annotations

from pydantic import Field, IPvAnyNetwork

from chassis.settings import IdentitySettings

KIB = 1024
MIB = 1024 * KIB


class GatewaySettings(IdentitySettings):
    """Where the services are, whose tokens count, and how much of everything one caller may use."""

    host: str = Field(default="127.0.0.1", description="address this gateway is bound to")
    port: int = 8000
    tls_certificate_file: str = Field(default="", description="PEM chain to serve HTTPS with; empty for plain HTTP")
    tls_key_file: str = Field(default="", description="its private key; both files are read again when replaced")
    upstreams: dict[str, str] = Field(default_factory=dict, description="base URL of each service by its name, as JSON")

    demo_key_file: str = Field(
        default="", description="private JWK for demonstration tokens; only when bound to loopback"
    )
    demo_token_lifetime_s: int = Field(default=8 * 3600, gt=0)

    max_body_bytes: int = Field(default=1 * MIB, gt=0)
    large_body_bytes: int = Field(default=64 * MIB, gt=0, description="for the paths in large_body_paths")
    large_body_paths: tuple[str, ...] = (
        "/v1/workforce/imports",
        "/v1/allocation/cases:batch",
        "/v1/cpd/attachments",
        "/v1/cpd/imports",
        "/v1/cpd/xapi/statements",
    )

    rate_per_second: float = Field(default=1000.0, ge=0, description="requests of one token subject; 0 = no limit")
    rate_burst: int = Field(default=4000, ge=1)
    address_rate_per_second: float = Field(
        default=50.0, ge=0, description="requests without a valid token from one address; 0 = no limit"
    )
    address_rate_burst: int = Field(default=400, ge=1)

    header_timeout_s: float = Field(default=10.0, gt=0, description="time to send a request's headers")
    max_header_bytes: int = Field(default=64 * KIB, gt=0)
    body_idle_s: float = Field(default=15.0, gt=0, description="longest pause between two parts of a request body")
    body_total_s: float = Field(default=600.0, gt=0, description="time to send a whole request body")
    send_stall_s: float = Field(
        default=60.0, gt=0, description="longest time a client may leave a streamed answer unread"
    )
    connect_timeout_s: float = Field(default=2.0, gt=0)
    upstream_timeout_s: float = Field(default=60.0, gt=0, description="longest silence of a service")
    large_upstream_timeout_s: float = Field(default=600.0, gt=0, description="the same for large_body_paths")

    metrics_networks: tuple[IPvAnyNetwork, ...] = Field(
        default=("127.0.0.0/8", "::1/128"),
        validate_default=True,
        description="from where /metrics may be read, as JSON",
    )
    health_max_age_s: float = Field(default=1.0, ge=0)
    health_interval_s: float = Field(default=5.0, gt=0)
    log_level: str = "INFO"
    otel_exporter_otlp_endpoint: str = Field(default="", description="base URL of an OpenTelemetry collector")
