cat >suite.toml <<END
tasks = ["Reach", "Lift"]
policies = ["expert", "random"]
episodes = 40
[perturbations.late]
latency = 2
[perturbations.later]
latency = 4
[perturbations.noisy]
observation_noise = 0.02
[perturbations.noisier]
observation_noise = 0.05
[perturbations.both]
latency = 2
observation_noise = 0.02
END
