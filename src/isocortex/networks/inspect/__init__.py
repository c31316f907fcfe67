"""Looking into networks: receptive fields, saliency, optimal and top stimuli, ablation."""
