"""Unpacks the Milvus server of the PyPI package `milvus`.

Programs and libraries go to bin/, the configuration with its default values to configs/.

usage: unpack_milvus.py DATA DESTINATION    DATA is the package's folder milvus/data
"""

import lzma
import re
import shutil
import sys
from pathlib import Path

# Locations of the server's state in the image; the template has no defaults for these.
FOLDERS = {
    "etcd_data_dir": "/milvus/data/etcd",
    "local_storage_dir": "/milvus/data",
    "rocksmq_data_dir": "/milvus/data/rocksmq",
    "system_log_path": '""',  # to standard output, as in the published images
}


def fill(match: re.Match) -> str:
    """The value of a template variable: `{{ name }}`, `{{ name: default }}`, `{{ name(type): default }}`."""
    name, _, default = match[1].partition(":")
    name = name.split("(")[0].strip()
    return FOLDERS.get(name, default.strip())


def main() -> None:
    data, destination = Path(sys.argv[1]), Path(sys.argv[2])
    programs, configs = destination / "bin", destination / "configs"
    programs.mkdir()
    configs.mkdir()
    for packed in sorted((data / "bin").glob("*.lzma")):
        unpacked = programs / packed.stem
        with lzma.open(packed) as source, unpacked.open("wb") as target:
            shutil.copyfileobj(source, target)
        unpacked.chmod(0o755)
    template = (data / "config.yaml.template").read_text(encoding="utf-8")
    (configs / "milvus.yaml").write_text(re.sub(r"\{\{(.*?)\}\}", fill, template), encoding="utf-8")
    shutil.copy(data / "glog.conf", configs / "glog.conf")


if __name__ == "__main__":
    main()
