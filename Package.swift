// swift-tools-version:5.7
// The Swift package of Augur, for apps on iOS (docs/ios.md). Its sources are in platforms/ios; this
// file has to be at the repository's root.
import Foundation
import PackageDescription

// The zip with CAugur.xcframework of a release. nil, as between releases: the framework that
// scripts/package-ios.sh has made in this checkout.
let release: (url: String, checksum: String)? = nil

let library: Target
#if os(Linux)
  // For tests: the host's libaugur.so. The build command says where it is (platforms/ios/README.md).
  library = .systemLibrary(name: "CAugur", path: "platforms/ios/Sources/CAugur")
#else
  if let release = release {
    library = .binaryTarget(name: "CAugur", url: release.url, checksum: release.checksum)
  } else {
    let framework = "build/ios/CAugur.xcframework"
    guard FileManager.default.fileExists(atPath: Context.packageDirectory + "/" + framework) else {
      fatalError("\(framework) is not there. Make it with: sh scripts/package-ios.sh")
    }
    library = .binaryTarget(name: "CAugur", path: framework)
  }
#endif

let package = Package(
  name: "Augur",
  platforms: [.iOS(.v13)],
  products: [.library(name: "Augur", targets: ["Augur"])],
  targets: [
    library,
    .target(name: "Augur", dependencies: ["CAugur"], path: "platforms/ios/Sources/Augur"),
    .testTarget(
      name: "AugurTests", dependencies: ["Augur", "CAugur"], path: "platforms/ios/Tests/AugurTests"),
    .testTarget(
      name: "AugurBenchmarks", dependencies: ["Augur"], path: "platforms/ios/Tests/AugurBenchmarks"),
  ],
  swiftLanguageVersions: [.v5]
)
