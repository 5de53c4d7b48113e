"""Writes artefacts into a folder that is a Maven repository: files, POM, checksums, maven-metadata.xml.

There is no Gradle module metadata (.module): Gradle takes the POM then, which says all that there is to say.
"""
import hashlib
import pathlib
import re
import shutil
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[3]
GROUP = "dev.augur"
HASHES = ("md5", "sha1", "sha256", "sha512")


class Dependency(NamedTuple):
    group: str
    artifact: str
    version: str
    kind: str = "jar"


class Pom(NamedTuple):
    artifact: str
    version: str
    packaging: str
    name: str
    description: str
    dependencies: tuple = ()

    def text(self):
        dependencies = "".join(f"""    <dependency>
      <groupId>{dependency.group}</groupId>
      <artifactId>{dependency.artifact}</artifactId>
      <version>{dependency.version}</version>
      <type>{dependency.kind}</type>
      <scope>compile</scope>
    </dependency>
""" for dependency in self.dependencies)
        if dependencies:
            dependencies = f"  <dependencies>\n{dependencies}  </dependencies>\n"
        return f"""<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 http://maven.apache.org/xsd/maven-4.0.0.xsd">
  <modelVersion>4.0.0</modelVersion>
  <groupId>{GROUP}</groupId>
  <artifactId>{self.artifact}</artifactId>
  <version>{self.version}</version>
  <packaging>{self.packaging}</packaging>
  <name>{self.name}</name>
  <description>{self.description}</description>
  <licenses>
    <license>
      <name>Apache-2.0</name>
      <url>https://www.apache.org/licenses/LICENSE-2.0.txt</url>
      <distribution>repo</distribution>
      <comments>The licences of the third-party code inside are in NOTICE, which is in the AAR.</comments>
    </license>
  </licenses>
{dependencies}</project>
"""


def augur_pom(version):
    return Pom("augur", version, "aar", "Augur", "On-device ranking with Deep Interest Evolution Networks")


def ktx_pom(version):
    """augur-ktx, with the versions of Kotlin that it is compiled with (toolchains/stand-in/jvm/pom.xml)."""
    text = (ROOT / "toolchains/stand-in/jvm/pom.xml").read_text()
    used = dict(re.findall(r"<artifactId>([^<]+)</artifactId>\s*<version>([^<]+)</version>", text))
    return Pom("augur-ktx", version, "jar", "Augur for Kotlin", "Coroutines for Augur's sessions",
               (Dependency(GROUP, "augur", version, "aar"),
                Dependency("org.jetbrains.kotlin", "kotlin-stdlib", used["kotlin-stdlib"]),
                Dependency("org.jetbrains.kotlinx", "kotlinx-coroutines-core", used["kotlinx-coroutines-core-jvm"])))


def checksums(path):
    for name in HASHES:
        digest = hashlib.new(name, path.read_bytes()).hexdigest()
        path.with_name(f"{path.name}.{name}").write_text(digest)


def publish(repository, pom, files):
    """Writes one version of one artefact. files: ending of the name, such as "-sources.jar" -> path."""
    folder = repository / GROUP.replace(".", "/") / pom.artifact
    version = folder / pom.version
    version.mkdir(parents=True)
    for ending, source in files.items():
        shutil.copyfile(source, version / f"{pom.artifact}-{pom.version}{ending}")
    (version / f"{pom.artifact}-{pom.version}.pom").write_text(pom.text())
    metadata = folder / "maven-metadata.xml"
    metadata.write_text(f"""<?xml version="1.0" encoding="UTF-8"?>
<metadata>
  <groupId>{GROUP}</groupId>
  <artifactId>{pom.artifact}</artifactId>
  <versioning>
    <latest>{pom.version}</latest>
    <release>{pom.version}</release>
    <versions>
      <version>{pom.version}</version>
    </versions>
  </versioning>
</metadata>
""")
    for path in [*version.iterdir(), metadata]:
        checksums(path)
