// A list of offers. Tap one that you like: the model ranks the shop anew, and the time is shown below.
import SwiftUI

@main
struct AugurSampleApp: App {
  @StateObject private var shop = ShopViewModel()

  var body: some Scene {
    WindowGroup {
      NavigationView {
        OfferList(shop: shop)
          .navigationTitle("For you")
          .toolbar {
            Button("Forget", action: shop.forget).disabled(shop.taps == 0)
          }
      }
      .navigationViewStyle(.stack)
      .onAppear(perform: shop.open)
    }
  }
}

struct OfferList: View {
  @ObservedObject var shop: ShopViewModel

  var body: some View {
    List(shop.ranked, id: \.item.id) { ranked in
      Button {
        shop.tap(ranked.item)
      } label: {
        HStack {
          Text(ranked.item.name).foregroundColor(.primary)
          Spacer()
          Text(String(format: "%.1f %%", 100 * ranked.score))
            .foregroundColor(.secondary)
            .monospacedDigit()
        }
      }
    }
    .safeAreaInset(edge: .bottom) {
      Text("\(shop.taps) taps, \(shop.status)")
        .font(.footnote)
        .frame(maxWidth: .infinity)
        .padding(8)
        .background(.thinMaterial)
    }
  }
}
