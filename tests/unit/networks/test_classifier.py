from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import tenfold
from helpers.project import SAMPLES, Mnist
from tenfold.networks.classifier import Classifier

NETWORKS: dict[str, Callable[[], Classifier]] = {
    "article": lambda: tenfold.load_network("article"),
    "digits": lambda: tenfold.load_network("digits"),
    "mlp": lambda: tenfold.MLP(hidden=7, seed=3),
}


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> Classifier:
    return NETWORKS[request.param]()


def test_pickled_and_copied_networks_give_the_same_scores(network: Classifier, mnist: Mnist) -> None:
    images = mnist[1][0][:20]
    for twin in (pickle.loads(pickle.dumps(network)), copy.deepcopy(network)):
        assert twin is not network
        assert np.array_equal(twin.scores(images), network.scores(images))
        assert twin.temperature == network.temperature


def test_a_copied_network_trains_apart_from_its_original(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    net = tenfold.OneLayerNet()
    twin = copy.deepcopy(net).fit(images[:20], labels[:20], 1)
    assert not np.array_equal(twin.weights, net.weights)


def test_pickled_readings_and_readers_read_and_explain_as_before() -> None:
    reader = pickle.loads(pickle.dumps(tenfold.Reader()))
    reading = reader.read(SAMPLES / "7.jpg")
    twin = pickle.loads(pickle.dumps(reading))
    assert twin.as_dict() == reading.as_dict()
    assert np.array_equal(tenfold.explain(twin).attributions, tenfold.explain(reading).attributions)
    number = tenfold.read_number(SAMPLES / "7.jpg")
    assert copy.deepcopy(number).as_dict() == pickle.loads(pickle.dumps(number)).as_dict() == number.as_dict()


def test_floats_from_0_to_1_score_as_the_whole_numbers_do(network: Classifier, mnist: Mnist) -> None:
    images = mnist[1][0][:20]
    flat = images.reshape(-1, 784)
    expected = network.scores(images)
    for same in (flat, flat / 255, (flat / 255).astype(np.float32), flat.astype(np.float64), flat.astype(np.int64)):
        assert np.array_equal(network.scores(same), expected)


@pytest.mark.parametrize(
    ("images", "rule"),
    [
        (np.full((1, 784), 3.5), "with fractions"),
        (np.full((1, 784), np.nan), "run from nan to nan"),
        (np.full((1, 784), -0.5), "must lie within 0..255"),
        (np.full((1, 784), "7"), "are <U1: give whole numbers 0..255, or floats 0..1"),
    ],
)
def test_arrays_that_are_not_images_are_rejected_with_the_rule(images: NDArray[np.generic], rule: str) -> None:
    with pytest.raises(tenfold.DataError, match=rule):
        tenfold.OneLayerNet().scores(images)


def test_the_repr_shows_the_parameters() -> None:
    assert repr(tenfold.OneLayerNet()) == "OneLayerNet(alpha=1e-07)"
    assert repr(tenfold.MLP(hidden=30)) == "MLP(hidden=30, loss='cross-entropy', learning_rate=0.02, seed=0)"
    assert repr(tenfold.load_network("digits")) == "OnnxClassifier(538,015 bytes, 268,283 parameters)"


def test_set_params_starts_over_with_the_changed_parameter(mnist: Mnist) -> None:
    (images, labels), _ = mnist
    net = tenfold.OneLayerNet().fit(images[:50], labels[:50], 1).set_params(alpha=1e-8)
    fresh = tenfold.OneLayerNet(alpha=1e-8)
    assert net.alpha == 1e-8
    assert np.array_equal(net.weights, fresh.weights)
    with pytest.raises(tenfold.NetworkError, match="has no parameter 'epochs': it has alpha, weights"):
        net.set_params(epochs=3)


def test_scikit_learn_clones_scores_and_searches_networks(mnist: Mnist) -> None:
    base = pytest.importorskip("sklearn.base")
    selection = pytest.importorskip("sklearn.model_selection")
    (images, labels), _ = mnist
    pixels, labels = images[:300].reshape(300, 784) / 255, labels[:300]
    for net in (tenfold.OneLayerNet(), tenfold.MLP(), tenfold.OneLayerNet(weights=np.eye(10, 784))):
        trained = base.clone(net).fit(pixels, labels, 1)
        assert repr(base.clone(trained).get_params()) == repr(net.get_params())
        assert base.is_classifier(net)
        accuracy = selection.cross_val_score(net, pixels, labels, cv=3)
        assert accuracy.shape == (3,)
        assert accuracy.mean() > 0.3
    search = selection.GridSearchCV(tenfold.MLP(), {"learning_rate": [1e-9, 0.02]}, cv=2).fit(pixels, labels)
    assert search.best_params_ == {"learning_rate": 0.02}
    assert search.predict_proba(pixels[:2]).shape == (2, 10)
    assert list(search.classes_) == list(range(10))


def test_scikit_learn_pipelines_end_in_a_network(mnist: Mnist) -> None:
    pipeline = pytest.importorskip("sklearn.pipeline")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    (images, labels), _ = mnist
    images, labels = images[:200].reshape(200, 784), labels[:200]
    piped = pipeline.make_pipeline(preprocessing.FunctionTransformer(), tenfold.MLP()).fit(images, labels)
    assert piped.score(images, labels) > 0.7
