"""What the pages do, for programs: JSON under /api/v1, described by itself in /api/v1/openapi.json."""
