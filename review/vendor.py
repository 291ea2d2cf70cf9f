"""Libraries of the browser, served from where npm put them at set-up; only the files named here."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from review.refusals import Refusal

MODULES = Path(__file__).resolve().parent / "node_modules"
FILES = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "wavesurfer.js": "wavesurfer.js/dist/wavesurfer.min.js",
    "wavesurfer-regions.js": "wavesurfer.js/dist/plugins/regions.min.js",
    "echarts.js": "echarts/dist/echarts.common.min.js",
}
router = APIRouter()


def are_installed() -> bool:
    """Whether pages have all of them; without, the player and the charts are silently missing."""
    return all((MODULES / path).is_file() for path in FILES.values())


@router.get("/vendor/{name}")
def serve_library(name: str) -> Response:
    if name not in FILES:
        raise Refusal(404, "no_such_page")
    return FileResponse(MODULES / FILES[name], media_type="text/javascript", headers={"Cache-Control": "max-age=86400"})
