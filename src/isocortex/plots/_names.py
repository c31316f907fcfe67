"""Full names, as they stand on axes."""

NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "cca": "mean canonical correlation",
    "cka": "CKA",
    "cka_unbiased": "unbiased CKA",
    "correlation": "Pearson's r",
    "cosine": "cosine similarity",
    "count": "number of stimuli",
    "explained_variance": "explained variance",
    "kendall": "Kendall's τ-b",
    "partial": "partial correlation",
    "partial_spearman": "partial Spearman's ρ",
    "pearson": "Pearson's r",
    "procrustes": "Procrustes similarity",
    "r2": "R²",
    "regression": "regression weight",
    "rho_a": "Spearman's ρ-a",
    "roc_auc": "area under the ROC curve",
    "rv": "RV coefficient",
    "spearman": "Spearman's ρ",
    "tau_a": "Kendall's τ-a",
    "tau_b": "Kendall's τ-b",
    "whitened_correlation": "whitened correlation",
    "whitened_cosine": "whitened cosine similarity",
}


def metric_name(metric: str) -> str:
    """``"spearman"`` as ``"Spearman's ρ"``; what is not known as it is, without underscores."""
    if metric.endswith(" accuracy") and metric not in NAMES.values():
        return "decoding accuracy"  # The classifier before it belongs into a caption.
    return NAMES.get(metric, metric.replace("_", " "))
