// The library: the Java API in src/main/java on libaugur.so and libaugur_jni.so, which the CMake build of the repository
// makes for each ABI.
plugins {
    id("com.android.library") version "8.7.3"
    id("com.android.application") version "8.7.3" apply false
    id("org.jetbrains.kotlin.android") version "2.0.21" apply false
}

android {
    namespace = "dev.augur"
    compileSdk = 35
    ndkVersion = "27.2.12479018"

    defaultConfig {
        minSdk = 21
        consumerProguardFiles("consumer-rules.pro")
        testInstrumentationRunner = "androidx.test.runner.AndroidJUnitRunner"
        ndk {
            abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64")
        }
        externalNativeBuild {
            cmake {
                targets += listOf("augur_shared", "augur_jni")
                arguments += listOf(
                    "-DANDROID_STL=c++_static", // for the headers; nothing of it is linked
                    "-DCMAKE_BUILD_TYPE=Release", // a debug build of the network is too slow to try an app with
                    "-DAUGUR_BUILD_TOOLS=OFF",
                    "-DAUGUR_BUILD_TESTS=OFF",
                    "-DAUGUR_BUILD_BENCH=OFF",
                    "-DAUGUR_BUILD_EXAMPLES=OFF",
                    "-DAUGUR_WARNINGS_AS_ERRORS=OFF",
                )
            }
        }
    }

    externalNativeBuild {
        cmake {
            path = file("../../CMakeLists.txt")
            version = "3.24.0+"
        }
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }

    testOptions {
        targetSdk = 35 // of the test's APK; else minSdk, which Android 14 and later refuse to install
    }
    useLibrary("android.test.base", false) // for src/androidTest: a measurement on the device (docs/device-benchmark.md)
    androidResources {
        noCompress += "augur" // the model that it measures
    }

    buildFeatures {
        prefabPublishing = true
    }
    prefab {
        create("augur_shared") { // the CMake target; apps link augur::augur_shared
            headers = "../../runtime/include"
            libraryName = "libaugur"
        }
    }
}

dependencies {
    compileOnly("androidx.annotation:annotation:1.9.1")
    androidTestCompileOnly("androidx.annotation:annotation:1.9.1")
    androidTestImplementation("androidx.test:runner:1.6.2")
    androidTestImplementation("androidx.test.ext:junit:1.2.1")
}
