// The few names of SwiftUI that the sample's view model uses, so that Linux can compile it.
@_exported import Foundation  // as the real SwiftUI does

public protocol ObservableObject: AnyObject {}

@propertyWrapper
public struct Published<Value> {
  public var wrappedValue: Value

  public init(wrappedValue: Value) {
    self.wrappedValue = wrappedValue
  }
}

public func withAnimation(_ change: () -> Void) {
  change()
}
