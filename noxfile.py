"""The project's checks, one session each: `nox` runs the default ones, `nox -s NAME` one of them."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZipFile

import nox
from nox.command import CommandFailed

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["tests", "lint", "types", "prove", "covering", "conformance", "replay", "clients", "emulators"]
nox.options.default_venv_backend = "virtualenv"  # uv would reinstall a cached wheel after changes
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
nox.options.error_on_missing_interpreters = False  # `pythons` runs on those that are there

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
HELPERS = {"PYTHONPATH": os.pathsep.join(("tests/helpers", "tests"))}
"""For the generators, which use what the tests use."""

# What can be resolved together, and so has a lock of its own, `constraints/NAME.txt`: which groups each one covers.
LOCKS = {
    "project": ("build", "lint", "lock", "test", "types"),
    "clients": ("build", "clients", "collections"),  # Cloud Custodian holds boto3 and PyYAML to one version each
    "emulators": ("build", "emulators", "serve"),  # what an emulator needs never holds the project's own tests
}


def groups(*names: str) -> tuple[str, ...]:
    """Return what dependency groups of pyproject.toml ask for."""
    return nox.project.dependency_groups(PROJECT, *names)


COLLECTION: Final = "ansible_collections/amazon/aws/"
"""Where the wheel of Ansible has the collection with which playbooks manage EC2."""
JAVASCRIPT: Final = "@aws-sdk/client-ec2@3.899.0"
"""The AWS SDK for JavaScript, as npm names it; the node of Debian 12 runs it too."""
BUILT: Final = "EC2_LIFECYCLE_WHEEL"
"""The variable of the environment with the path of a wheel to install, where one is built already."""


def install(session: nox.Session, *names: str, lock: str = "constraints/project.txt") -> None:
    """Install the project as its users do (a wheel, not editable), with the named groups, in the versions of a lock."""
    built = os.environ.get(BUILT)
    if built:
        session.run("pip", "uninstall", "--quiet", "--yes", PROJECT["project"]["name"])  # else pip keeps this version
        session.install("--constraint", lock, built, *groups(*names))
        return
    session.install("--constraint", lock, ".", *groups(*names), env=building(lock))


def building(lock: str) -> dict[str, str]:
    """Return the environment in which pip builds the wheel, and remove what an earlier build left.

    Setuptools never empties its build folder: what was deleted from the source would stay in the wheel.
    What pip installs to build the wheel listens to the environment only: by one name until pip 25.2, by both since.
    """
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    return {"PIP_CONSTRAINT": lock, "PIP_BUILD_CONSTRAINT": lock}


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel into the folder `dist`, for sessions that find its path in `EC2_LIFECYCLE_WHEEL`."""
    shutil.rmtree(ROOT / "dist", ignore_errors=True)
    built = ("pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", "dist", ".")
    session.run(*built, env=building("constraints/project.txt"))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests against the installed wheel; arguments after `--` go to pytest."""
    install(session, "test")
    # Three on two cores, because some tests wait for other processes. Many start pytests and Pythons of their own,
    # which share what one of them has compiled, also where the environment says otherwise (PYTHONDONTWRITEBYTECODE).
    cached = {"PYTHONDONTWRITEBYTECODE": ""}
    session.run("pytest", "-n", "3", "--dist", "worksteal", *session.posargs, env=cached)


@nox.session(python=nox.project.python_versions(PROJECT))
def pythons(session: nox.Session) -> None:
    """Run the tests on each Python of the classifiers that this machine has; `pythons-3.13`: on one of them."""
    install(session, "test")
    session.run("pytest", "-n", "3", "--dist", "worksteal", *session.posargs, env={"PYTHONDONTWRITEBYTECODE": ""})


@nox.session(python=nox.project.python_versions(PROJECT))
def pythons_quick(session: nox.Session) -> None:
    """Run the quick tests of the rules, the scenarios and the reports; CI does that on a second Python."""
    install(session, "moto", "quick")
    rules = ("tests/model/test_step.py", "tests/model/test_clauses.py", "tests/model/test_difference.py")
    folders = ("tests/strategies", "tests/reports", "tests/conformance/adapter", "tests/conformance/execution")
    session.run("pytest", "-n", "2", "--dist", "worksteal", *rules, *folders, *session.posargs)


@nox.session
def conformance(session: nox.Session) -> None:
    """Run the main job against moto, with known findings waived."""
    install(session, "moto")
    session.run("ec2-lifecycle", "run", "moto", "--waivers", "conformance/known/moto.toml", *session.posargs)


@nox.session
def prove(session: nox.Session) -> None:
    """Prove every theorem with both solvers."""
    install(session, "prove")
    session.run("ec2-lifecycle", "prove", "--solver", "both", *session.posargs)


@nox.session
def covering(session: nox.Session) -> None:
    """Check that the covering suite still kills every killable mutant of the specification."""
    install(session)
    session.run("ec2-lifecycle", "derive", "--check", *session.posargs)


@nox.session
def replay(session: nox.Session) -> None:
    """Replay the whole corpus on the model, which must conform to itself."""
    install(session)
    session.run("ec2-lifecycle", "replay", "conformance/corpus", "--target", "model", *session.posargs)


@nox.session
def clients(session: nox.Session) -> None:
    """Let the AWS CLI 1 and 2, the JavaScript SDK, Ansible and Cloud Custodian run against the served model."""
    install(session, "clients", lock="constraints/clients.txt")
    found = {"ANSIBLE_COLLECTIONS_PATH": str(collections(session)), "EC2_LIFECYCLE_NODE_MODULES": javascript(session)}
    session.run("pytest", "-n", "2", "-rs", "tests/real_clients", *session.posargs, env=found)


def javascript(session: nox.Session) -> str:
    """Return the folder with the AWS SDK for JavaScript; empty if npm is not here or cannot install it."""
    folder = Path(session.virtualenv.location, JAVASCRIPT.rpartition("/")[2])
    modules = folder / "node_modules"
    npm = shutil.which("npm")
    if npm is None:
        session.warn("npm is not here, so the JavaScript SDK is not tried.")
        return ""
    if not (modules / "@aws-sdk").exists():
        folder.mkdir(exist_ok=True)
        words = ("install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", str(folder))
        try:
            session.run(npm, *words, JAVASCRIPT, external=True)
        except CommandFailed:
            session.warn("npm cannot install the JavaScript SDK, so it is not tried.")
            return ""
    return str(modules)


def collections(session: nox.Session) -> Path:
    """Return the folder of Ansible's collection for AWS, taken out of the wheel that has more than a hundred others."""
    [release] = groups("collections")
    folder = Path(session.virtualenv.location, release)
    if not folder.exists():
        with TemporaryDirectory(dir=session.virtualenv.location) as loaded:
            session.run("pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", loaded, release)
            [path] = Path(loaded).glob("*.whl")
            with ZipFile(path) as wheel:
                wheel.extractall(Path(loaded, "all"), [one for one in wheel.namelist() if one.startswith(COLLECTION)])
            Path(loaded, "all").rename(folder)
    return folder


@nox.session
def emulators(session: nox.Session) -> None:
    """Run the covering suite on other people's emulators, with their waivers, and the model in front of one of them."""
    install(session, "emulators", "serve", lock="constraints/emulators.txt")
    session.run("pytest", "-n", "4", "tests/real_emulators", *session.posargs)  # they wait more than they work


@nox.session
def matrix(session: nox.Session) -> None:
    """Run emulators and the served model for real, and write down how each clause fares on each; that takes minutes."""
    install(session, "emulators", "serve", lock="constraints/emulators.txt")
    session.run("python", "tests/generators/matrix.py", "reports/matrix.md", *session.posargs, env=HELPERS)


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style with ruff, and that every file is formatted."""
    session.install("--constraint", "constraints/project.txt", *groups("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with pyright in strict mode; the tests use the installed wheel."""
    install(session, "types")
    session.run("pyright", "--pythonpath", str(Path(session.bin, "python")), *session.posargs)


@nox.session
def golden(session: nox.Session) -> None:
    """Regenerate the golden numbers after an intended change of the specification; `-- SCOPE...`: only these."""
    install(session, "test")
    session.run("python", "tests/generators/golden.py", *session.posargs)


@nox.session
def pages(session: nox.Session) -> None:
    """Write the generated pages of docs/ again (clauses, questions, reference), and the generated parts of others."""
    install(session, "moto")
    session.run("python", "tests/generators/pages.py", env=HELPERS)


@nox.session
def architecture(session: nox.Session) -> None:
    """Write the picture and the table of the packages in ARCHITECTURE.md again, from their imports and docstrings."""
    session.run("python", "tests/generators/architecture.py", env=HELPERS)


@nox.session
def evidence(session: nox.Session) -> None:
    """Write docs/evidence.md again, from the facts, their sources and the clauses."""
    install(session)
    session.run("python", "tests/generators/evidence.py")


@nox.session
def adequacy(session: nox.Session) -> None:
    """Report which theorems notice which mutants of the rules; takes minutes; `-- --cluster ADDRESS`: on a cluster."""
    install(session, "cluster")
    session.run("python", "benchmarks/adequacy.py", "reports/adequacy.md", *session.posargs)


@nox.session
def smoke(session: nox.Session) -> None:
    """Choose the scenarios of the tier `smoke` again, by what they do on moto and on the model; takes minutes."""
    install(session, "moto")
    session.run("python", "tests/generators/smoke.py", env=HELPERS)


@nox.session
def agreement(session: nox.Session) -> None:
    """Compare the solver on every world of every named scope, not only on samples; takes minutes."""
    install(session, "test")
    session.run("pytest", "-n", "2", "tests/model/test_reach_solver.py", env={"EC2_LIFECYCLE_EVERY_WORLD": "1"})


@nox.session
def bench(session: nox.Session) -> None:
    """Run all benchmarks, and play the whole corpus on the served model under each behaviour; takes minutes."""
    install(session, "test")
    served = "tests/conformance/emulator/test_served_conforms.py"
    session.run("pytest", "-n", "2", served, env={"EC2_LIFECYCLE_EVERY_SCENARIO": "1"})
    session.run("python", "benchmarks/overhead.py")
    session.run("python", "benchmarks/quick_run.py")
    session.run("python", "benchmarks/finding_tests.py")
    session.run("python", "benchmarks/first_paint.py")
    session.run("python", "benchmarks/all_cores.py", "--full")
    session.run("python", "benchmarks/cluster.py")
    session.run("python", "benchmarks/generation.py")
    session.run("python", "benchmarks/oracle.py")
    session.run("python", "benchmarks/contest.py", *session.posargs)
    session.run("python", "benchmarks/conforming_targets.py")
    session.run("python", "benchmarks/saturation.py")
    session.run("python", "benchmarks/rejudge_traces.py")
    session.run("python", "benchmarks/diagnosis.py")
    session.run("python", "benchmarks/repairs.py")
    session.run("python", "benchmarks/prediction.py")
    session.run("python", "benchmarks/serving.py")
    session.run("python", "benchmarks/kill_live_runs.py", "50")


@nox.session
def lock(session: nox.Session) -> None:
    """Renew the locks in `constraints/`, all of each or only what `-- --upgrade-package NAME` says."""
    session.install("--constraint", "constraints/project.txt", *groups("lock"))
    since = PROJECT["project"]["requires-python"].removeprefix(">=")
    for name, of in LOCKS.items():
        which = session.posargs or ("--upgrade",)
        compiled(session, f"constraints/{name}.txt", *of, options=("--universal", f"--python-version={since}", *which))


@nox.session
def newest(session: nox.Session) -> None:
    """Run the tests and moto's conformance with the newest releases that the ranges allow, whatever the lock says."""
    unlocked(session, "highest")


@nox.session
def lowest(session: nox.Session) -> None:
    """Run the tests and moto's conformance with the oldest releases that the ranges allow."""
    unlocked(session, "lowest-direct")


def compiled(session: nox.Session, file: str, *names: str, options: Sequence[str]) -> None:
    """Write the versions to which the project and the named groups resolve into a file of constraints."""
    session.run(
        *("uv", "pip", "compile", "pyproject.toml", *(f"--group={name}" for name in names), f"--output-file={file}"),
        *("--quiet", "--no-emit-index-url", "--no-emit-find-links", *options),
        env={"UV_CUSTOM_COMPILE_COMMAND": "nox -s lock"},
    )


def unlocked(session: nox.Session, resolution: str) -> None:
    """Run the tests, and hold moto to the specification, with a resolution of its own instead of a lock.

    The findings of the one moto that conformance/known/moto.toml is about must be just these, and no waiver is stale.
    What another moto does is nothing that this project can promise: such a one has only to be played to its end.
    """
    session.install(*groups("lock"))
    file = str(Path(session.bin).resolve().with_name("constraints.txt").relative_to(ROOT))
    how = (f"--python={Path(session.bin, 'python')}", f"--resolution={resolution}", "--upgrade", "--no-annotate")
    compiled(session, file, "build", "tools", options=how)
    session.log(f"with these versions: {', '.join(pins(file))}")
    install(session, "tools", lock=file)
    session.run("pytest", "-n", "3", *session.posargs)
    run_moto = ("ec2-lifecycle", "run", "moto")
    if not set(pins(file)) & {one.replace("[ec2]", "") for one in groups("moto")}:
        session.run(*run_moto, success_codes=[0, 1])
        session.install(*groups("moto"))
    session.run(*run_moto, "--waivers", "conformance/known/moto.toml")


def pins(file: str) -> list[str]:
    """Return the lines of a file of constraints that name a version."""
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if "==" in line and not line.startswith("#")]
