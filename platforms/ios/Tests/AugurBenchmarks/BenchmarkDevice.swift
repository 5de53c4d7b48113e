// What the benchmark tells of the device.
import Foundation

#if canImport(Darwin)
  import Darwin
#endif

extension BenchmarkReport.Device {
  static var this: BenchmarkReport.Device {
    let version = ProcessInfo.processInfo.operatingSystemVersion
    var device = BenchmarkReport.Device(
      system: "Linux",
      systemVersion: "\(version.majorVersion).\(version.minorVersion).\(version.patchVersion)",
      manufacturer: nil, model: machine, abi: "unknown",
      cores: ProcessInfo.processInfo.processorCount, emulator: nil)
    #if os(iOS)
      device.system = "iOS"
      device.manufacturer = "Apple"
    #elseif canImport(Darwin)
      device.system = "Darwin"
      device.manufacturer = "Apple"
    #endif
    #if arch(arm64)
      device.abi = "arm64"
    #elseif arch(x86_64)
      device.abi = "x86_64"
    #endif
    #if targetEnvironment(simulator)
      device.emulator = true
    #endif
    return device
  }

  // The hardware's name, such as "iPhone15,2".
  private static var machine: String {
    var names = utsname()
    guard uname(&names) == 0 else { return "unknown" }
    return withUnsafeBytes(of: names.machine) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

extension BenchmarkReport.Conditions {
  static var now: BenchmarkReport.Conditions {
    #if canImport(Darwin)
      let thermal: String
      switch ProcessInfo.processInfo.thermalState {
      case .nominal: thermal = "nominal"
      case .fair: thermal = "fair"
      case .serious: thermal = "serious"
      default: thermal = "critical"
      }
      var conditions = BenchmarkReport.Conditions(thermal: thermal, lowPower: nil)
      #if os(iOS)
        conditions.lowPower = ProcessInfo.processInfo.isLowPowerModeEnabled
      #endif
      return conditions
    #else
      return BenchmarkReport.Conditions(thermal: nil, lowPower: nil)
    #endif
  }
}

// The process's resident memory in bytes; nil if the system does not tell it.
func residentBytes() -> Int? {
  #if canImport(Darwin)
    var info = mach_task_basic_info()
    let words = MemoryLayout<mach_task_basic_info>.size / MemoryLayout<integer_t>.size
    var count = mach_msg_type_number_t(words)
    let result = withUnsafeMutablePointer(to: &info) {
      $0.withMemoryRebound(to: integer_t.self, capacity: words) {
        task_info(mach_task_self_, task_flavor_t(MACH_TASK_BASIC_INFO), $0, &count)
      }
    }
    return result == KERN_SUCCESS ? Int(info.resident_size) : nil
  #else
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
      return nil
    }
    return Int(text.split(separator: " ")[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
  #endif
}
