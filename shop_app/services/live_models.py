"""What a shop's customers are scored with at a moment: edges, predictions, groups, the merchant's own rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shop_app.segments.grouping.model import Grouping
from shop_app.segments.grouping.rules import Rule, rule_from_json
from shop_app.segments.predictions.model import Predictions
from shop_app.segments.rfm import RfmEdges
from shop_app.segments.segment_groups import Group
from shop_app.services.published_groups import published_groups
from shop_app.storage import model_fits, own_segments
from shop_app.storage.engine import Connection
from shop_app.storage.model_fits import ModelFit

RFM = "rfm"
SEGMENTATION = "segmentation"
"""The kind of fit that holds predictions and groups together: one version, one state, one approval."""


@dataclass(frozen=True, slots=True)
class Segmentation:
    """One fit of predictions and groups, ready to score with; ``published`` are the groups in words."""

    fit_id: int
    version: int
    as_of: datetime
    predictions: Predictions
    grouping: Grouping
    published: tuple[Group, ...]

    @classmethod
    def of(cls, fit: ModelFit) -> "Segmentation":
        """Read a stored fit."""
        grouping = Grouping.from_json(fit.parameters["grouping"])
        return cls(
            fit.id,
            fit.version,
            fit.as_of,
            Predictions.from_json(fit.parameters["predictions"]),
            grouping,
            published_groups(grouping),
        )


@dataclass(frozen=True, slots=True)
class LiveModels:
    """All that labels are made with; without a ``segmentation`` the RFM groups are the segments."""

    edges: RfmEdges
    segmentation: Segmentation | None
    own: Mapping[str, Rule]


def find_edges(connection: Connection) -> RfmEdges | None:
    """Return the live edges, or ``None`` before the first fit."""
    fit = model_fits.find_live(connection, RFM)
    return None if fit is None else RfmEdges.from_json(fit.parameters)


def read_models(connection: Connection, edges: RfmEdges) -> LiveModels:
    """Return what is live now, beside these edges."""
    fit = model_fits.find_live(connection, SEGMENTATION)
    return LiveModels(edges, Segmentation.of(fit) if fit else None, _rules(own_segments.list_live(connection)))


def read_models_at(connection: Connection, moment: datetime) -> LiveModels | None:
    """Return what was live at a moment of the shop's time, or ``None`` from before its first fit."""
    rfm = model_fits.find_live_at(connection, RFM, moment)
    if rfm is None:
        return None
    fit = model_fits.find_live_at(connection, SEGMENTATION, moment)
    own = _rules(own_segments.list_at(connection, moment))
    return LiveModels(RfmEdges.from_json(rfm.parameters), Segmentation.of(fit) if fit else None, own)


def _rules(segments: list[own_segments.OwnSegment]) -> dict[str, Any]:
    return {segment.slug: rule_from_json(segment.rule) for segment in segments}
