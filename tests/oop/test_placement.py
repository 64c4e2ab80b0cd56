from wonderland import oop


def test_a_device_is_its_name():
    assert oop.device("cpu") == "cpu"
    assert (oop.device("cuda", 1), oop.device("cuda:1").index) == ("cuda:1", 1)
    assert (oop.device("cuda:0").type, oop.device("cpu").index) == ("cuda", None)
    assert oop.ones(2).to(oop.device("cpu")).device == oop.device("cpu")
    assert oop.ones(2).device.type == "cpu"
