"""Augur in Python: export trained models to the phone, rank with them here, and compare the two.

    import augur_rank as augur

    report = augur.export(model, "model.augur", sample=batch)   # a live model, a dump or a checkpoint
    with augur.Model("model.augur") as ranker:
        ...

NumPy is the only package that it needs. What a function needs besides (PyTorch, TensorFlow, h5py, pandas, matplotlib)
is imported when that function is called.
"""
