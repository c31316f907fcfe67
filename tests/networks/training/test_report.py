from torch import nn

from isocortex.networks.training.loop import train


def test_report_tells(gratings, tilt, untrained):
    report = train(untrained(1, nn.Sigmoid()), gratings, tilt, epochs=2, batch_size=30)
    table = report.table()
    assert list(table.columns) == ["epoch", "step", "loss"]
    assert len(table) == 4
    assert report.settings["n_stimuli"] == 60
    assert "2 epochs of 2 steps" in repr(report)
