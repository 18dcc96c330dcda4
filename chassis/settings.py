"""Settings of one process, read from the environment: one process is one service, so names carry no prefix."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class IdentitySettings(BaseSettings):
    """Whose tokens count, and how they are read: the same at the gateway and in every service."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    oidc_issuer: str = "https://plumbline.invalid"
    oidc_audience: str = "plumbline"
    oidc_jwks: str = Field(default="", description="JSON Web Key Set, inline")
    oidc_jwks_file: str = ""
    oidc_jwks_url: str = Field(default="", description="fetched at start and again when a token names an unknown key")
    jwks_refetch_s: float = Field(default=30.0, gt=0, description="unknown keys cause at most one fetch in this time")
    jwks_max_age_s: float = Field(default=600.0, gt=0, description="how long a key counts after it was withdrawn")

    oidc_roles_claim: str = Field(
        default="roles", description="claims that list roles or groups, with commas; a path has dots"
    )
    oidc_role_map: dict[str, list[str]] = Field(
        default_factory=dict,
        description="the roles that each role or group of the provider stands for, as JSON; empty: named as here",
    )
    oidc_worker_id_claim: str = Field(default="worker_id", min_length=1)
    oidc_org_unit_id_claim: str = Field(default="org_unit_id", min_length=1)
    oidc_employee_ref_claim: str = Field(
        default="", description="names the bearer's employee_ref, by which a token without a worker_id finds its worker"
    )
    break_glass_jwks: str = Field(
        default="", description="JSON Web Key Set of the break-glass key; empty: there is no break-glass account"
    )
    break_glass_jwks_file: str = ""
    revocations_file: str = Field(
        default="", description="list of tokens that no longer count; read again when changed"
    )
    revocations_check_s: float = Field(default=2.0, gt=0)


class Settings(IdentitySettings):
    """What a service needs to know about its surroundings."""

    database_url: str = Field(description="PostgreSQL URL of this service's own database")
    bus_url: str = Field(default="", description="PostgreSQL URL of the embedded bus; empty when Kafka is used")
    kafka_bootstrap_servers: str = Field(default="", description="HOST:PORT[,HOST:PORT] of Apache Kafka")
    kafka_partitions: int = Field(default=6, ge=1)
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: str = "PLAIN"
    kafka_username: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_ca_file: str = ""
    member: str = Field(default="0", description="static member name of this replica within its consumer group")

    host: str = "127.0.0.1"
    port: int = 8000
    tls_certificate_file: str = Field(default="", description="PEM chain to serve HTTPS with; empty for plain HTTP")
    tls_key_file: str = Field(default="", description="its private key; both files are read again when replaced")
    pool_size: int = Field(default=8, ge=2)

    service_token_key_file: str = Field(default="", description="private JWK with which service tokens are signed")
    service_token_jwks: str = Field(
        default="", description="JSON Web Key Set of those keys' public halves; that of the own key unless given"
    )
    service_token_jwks_file: str = ""
    upstreams: dict[str, str] = Field(default_factory=dict, description="base URL of each other service")

    clock_start: datetime | None = Field(default=None, validation_alias=AliasChoices("PLUMBLINE_CLOCK_START"))
    clock_anchor: datetime | None = Field(default=None, validation_alias=AliasChoices("PLUMBLINE_CLOCK_ANCHOR"))

    batch_size: int = Field(default=2500, ge=1, description="records a consumer or relay takes at a time")
    poll_interval_s: float = Field(default=0.1, gt=0, description="how often an idle relay looks without a hint")
    progress_deadline_s: float = Field(default=60.0, gt=0, description="after which a loop without progress is unwell")
    outbox_retention_days: int = Field(default=14, ge=1)
    log_level: str = "INFO"
    otel_exporter_otlp_endpoint: str = ""
