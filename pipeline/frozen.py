"""The base of everything that is read from YAML or JSON: nothing unknown is accepted, nothing is changed later."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
