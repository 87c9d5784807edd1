"""Starts the Triton of the wheel nvidia-pytriton without PyTriton around it. Its only backend is the one for Python."""

import os
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

packages = Path(sysconfig.get_paths()["purelib"])
triton = packages / "pytriton" / "tritonserver"
version = f"{sys.version_info.major}.{sys.version_info.minor}"

# The backend looks for the stub of this Python beside itself. The wheel keeps the stubs of all versions elsewhere.
backends = Path(tempfile.gettempdir()) / "servery-bench-triton" / version
shutil.copytree(triton / "backends" / "python", backends / "python", dirs_exist_ok=True)
stub = backends / "python" / "triton_python_backend_stub"
if not stub.exists():
    shutil.copy(triton / "python_backend_stubs" / version / stub.name, stub)
    stub.chmod(0o755)

os.environ["LD_LIBRARY_PATH"] = str(packages / "nvidia_pytriton.libs")
# The stub looks for the packages of the Python that it finds first.
os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
program = str(triton / "bin" / "tritonserver")
os.execv(program, [
    program,
    f"--model-repository={Path(__file__).parent / 'models'}",
    f"--backend-directory={backends}",
    "--http-address=127.0.0.1",
    f"--http-port={os.environ['PORT']}",
    "--allow-grpc=false",
    "--allow-metrics=false",
    "--log-info=false",
])
