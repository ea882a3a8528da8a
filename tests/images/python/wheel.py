"""Puts a package index of one package into an image, so that pip has something to install without any network."""
import pathlib
import zipfile

wheels = pathlib.Path("/wheels")
wheels.mkdir()
with zipfile.ZipFile(wheels / "shade-1.2-py3-none-any.whl", "w") as wheel:
    for name, text in {
        "shade.py": "def darker(text):\n    return text.upper()\n",
        "shade-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: shade\nVersion: 1.2\n",
        "shade-1.2.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "shade-1.2.dist-info/RECORD": "shade.py,,\nshade-1.2.dist-info/METADATA,,\nshade-1.2.dist-info/WHEEL,,\nshade-1.2.dist-info/RECORD,,\n",
    }.items():
        # A fixed time makes the same bytes each time.
        wheel.writestr(zipfile.ZipInfo(name), text)
pathlib.Path("/etc/pip.conf").write_text("[global]\nno-index = true\nfind-links = /wheels\n")
