// The sample app. Its model is the demo's DIEN, which `sh scripts/demo.sh` converts; its offers are those of examples/shop.
plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

val repository = rootProject.file("../..")
val model = repository.resolve("build/demo/dien.augur")
val copied = layout.buildDirectory.dir("augur-assets")

val copyAssets = tasks.register<Copy>("copyAssets") {
    from(model)
    from(repository.resolve("examples/shop/catalogue.tsv"))
    into(copied)
    doFirst {
        check(model.exists()) { "There is no $model. Make it at the top of the repository: sh scripts/demo.sh" }
    }
}

android {
    namespace = "dev.augur.sample"
    compileSdk = 35
    defaultConfig {
        applicationId = "dev.augur.sample"
        minSdk = 21
        targetSdk = 35
        versionCode = 1
        versionName = "1"
    }
    sourceSets.getByName("main").assets.srcDir(copied)
    androidResources {
        noCompress += "augur" // so that the model is read in place, inside the APK
    }
    buildTypes {
        getByName("release") {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
            signingConfig = signingConfigs.getByName("debug") // to be tried, not to be published
        }
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
    kotlinOptions {
        jvmTarget = "1.8"
    }
}

tasks.named("preBuild") {
    dependsOn(copyAssets)
}

dependencies {
    implementation(project(":ktx"))
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.8.1")
}
