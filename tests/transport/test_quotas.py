"""Quotas of an organization, over the protocols that tell them in their own words."""

from __future__ import annotations

import httpx

from support.apps import running_app

TOKEN = {"authorization": "Bearer secret"}


async def test_an_organization_has_no_more_than_its_quota() -> None:
    async with (
        running_app(project_quota=2, document_quota=1) as app,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{app.http.port}", headers=TOKEN, trust_env=False
        ) as http,
    ):
        create = "/gitpod.v1.ProjectService/CreateProject"
        made = await http.post(create, json={"name": "a", "initializer": {}})
        assert made.status_code == 200
        bulk = await http.post(
            "/gitpod.v1.ProjectService/CreateProjects",
            json={"projects": [{"name": name, "initializer": {}} for name in "bc"]},
        )
        assert len(bulk.json()["createdProjects"]) == 1
        assert (
            bulk.json()["failedProjects"][0]["error"] == "the organization has 2 projects, and its quota is 2"
        )
        refused = await http.post(create, json={"name": "d", "initializer": {}})
        assert (refused.status_code, refused.json()["code"]) == (429, "resource_exhausted")
        id = made.json()["project"]["id"]
        await http.post("/gitpod.v1.ProjectService/DeleteProject", json={"projectId": id})
        assert (await http.post(create, json={"name": "d", "initializer": {}})).status_code == 200

        form = {"files": {"payload": ("a.md", b"# A", "text/markdown")}, "data": {"title": "a"}}
        assert (await http.post("/v1beta/documents", **form)).status_code == 200  # type: ignore[arg-type]
        refused = await http.post("/v1beta/documents", **form)  # type: ignore[arg-type]
        assert refused.status_code == 429
        assert "quota_exceeded" in refused.text
