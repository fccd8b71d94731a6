"""Fetch the third-party files that pages carry inside them, and write ``fmtool/views/assets/manifest.json``.

Run by hand when a version is raised: ``python bench/refresh_map_assets.py`` (needs ``npm``).
Files are kept byte for byte; what a page needs changed is changed while it is written.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1] / "fmtool" / "views" / "assets"
PACKAGES = [
    {
        "name": "leaflet",
        "version": "1.9.4",
        "licence": "BSD-2-Clause",
        "licence_file": "LICENSE",
        "files": {
            "dist/leaflet.js": "leaflet/leaflet.js",
            "dist/leaflet.css": "leaflet/leaflet.css",
            "dist/images/layers.png": "leaflet/images/layers.png",
            "dist/images/layers-2x.png": "leaflet/images/layers-2x.png",
            "dist/images/marker-icon.png": "leaflet/images/marker-icon.png",
        },
    }
]


def main() -> None:
    manifest = []
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as scratch:
            named = f"{package['name']}@{package['version']}"
            done = subprocess.run(["npm", "pack", "--silent", named], cwd=scratch, check=True, capture_output=True)
            archive = Path(scratch) / done.stdout.decode().strip().splitlines()[-1]
            with tarfile.open(archive) as tar:
                licence = tar.extractfile(f"package/{package['licence_file']}").read()
                files = {to: tar.extractfile(f"package/{at}").read() for at, to in package["files"].items()}
        files[f"licences/{package['name']}.txt"] = licence
        for to, data in files.items():
            (ASSETS / to).parent.mkdir(parents=True, exist_ok=True)
            (ASSETS / to).write_bytes(data)
        manifest.append(
            {
                "name": package["name"],
                "version": package["version"],
                "licence": package["licence"],
                "licence_file": f"licences/{package['name']}.txt",
                "files": {
                    to: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                    for to, data in sorted(files.items())
                },
            }
        )
        print(named, {to: len(data) for to, data in files.items()})
    (ASSETS / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
