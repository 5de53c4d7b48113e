// Kotlin must refuse each line that ends in "refused", because of the API's nullability annotations; run.sh counts them.
package dev.augur

fun nullability(model: Model, session: Session, columns: Columns) {
    model.attachTable(null, Source.file("a")) // refused
    model.findKey("items", null as String?) // refused
    Model.fromFile(null as String?) // refused
    Model.open(null) // refused
    session.rank(null as Columns?) // refused
    session.setFeature(null, 1L) // refused
    Column.ids(null, 1L) // refused
    Column.keys("item", null as String?) // refused
    Augur.setLogger(null)
    session.explain(columns, 0, null)
    session.setHistory(null, columns)
    session.rank(columns, null as FloatArray?, FloatArray(1))
    val name: String = model.info.name
    val message: String = AugurException.of(Status.OK, "", 0).message
    println(name + message)
}
