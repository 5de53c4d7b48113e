// Builds Augur for Android from source, with Gradle and the Android SDK: the library (this folder), its coroutines (ktx)
// and the sample app. Apps need none of it: scripts/package-android.sh makes the packages without Gradle.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "augur"
include(":ktx", ":sample")
