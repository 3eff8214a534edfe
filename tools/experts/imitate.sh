#!/bin/sh
# One cell of the table in docs/imitation-results.md: imitates the first demonstrations of a task's expert, of
# which every twentieth step is kept, and evaluates the result on 100 episodes.
# usage: tools/experts/imitate.sh TASK LEARNER DEMOS SEED OUT [UNDERSTUDY]
#   TASK        InvertedPendulumSwingup, Reacher, Hopper, HalfCheetah or Ant
#   LEARNER     bc, pwil, dac, gail, airl, sqil, iq-learn, sinkhorn; or random: PWIL imitating random actions
#   DEMOS       1 to 11
#   OUT         folder for the runs, OUT/TASK-LEARNER-DEMOS-SEED and, where a learner begins at a cloned policy, that
#               one's; a run that is finished there is left alone
#   UNDERSTUDY  the program; default: build/release/bin/understudy
# shellcheck disable=SC2086  # the options are meant to be split
set -eu
if [ $# -lt 5 ]; then
  echo "usage: tools/experts/imitate.sh TASK LEARNER DEMOS SEED OUT [UNDERSTUDY]" >&2
  exit 2
fi
task=$1 learner=$2 demos=$3 seed=$4 out=$5
here=$(dirname "$0")
understudy=${6:-$here/../../build/release/bin/understudy}
run=$out/$task-$learner-$demos-$seed
cloned=$out/$task-bc-$demos-$seed
if grep -q '"result"' "$run/manifest.json" 2>/dev/null; then exit 0; fi
mkdir -p "$out"

# What comes and goes while it learns keeps the policy that was closest to the
# demonstrations, all else the last one.
case $learner in
  dac | iq-learn) evaluations="--keep closest --eval-every 5000 --eval-episodes 5 --final-episodes 100" ;;
  *) evaluations="--keep last --eval-every 20000 --eval-episodes 5 --final-episodes 100" ;;
esac
on_policy="--environments 8 --keep last --eval-every 100000 --eval-episodes 5 --final-episodes 100"
warmup=3000
average=1000
iq_learn="--least-squares false --batch 64 --critic-learning-rate 1e-3 --actor-learning-rate 1e-4"
case $task in
  InvertedPendulumSwingup)
    warmup=2000
    case $learner in pwil) steps=80000 ;; *) steps=40000 ;; esac
    sac="--steps $steps --start 2000 --learning-rate 1e-3"
    iq="--steps $steps --start 2000"
    iq_learn="--least-squares false --batch 128 --critic-learning-rate 1e-3 --actor-learning-rate 1e-4"
    ;;
  Reacher)
    pwil="--reward-beta 1"
    # One demonstration is one target to go to: nothing to learn for longer.
    case $demos in 1) steps=60000 ;; *) steps=150000 ;; esac
    sac="--steps $steps --start 3000 --learning-rate 1e-3 --gamma 0.98 --tau 0.01 --decay true"
    iq="--steps $steps --start 3000 --gamma 0.98 --decay true"
    ;;
  Hopper)
    sac="--steps 150000 --start 5000 --learning-rate 7e-4 --gamma 0.98 --tau 0.01 --decay true"
    iq="--steps 150000 --start 5000 --decay true"
    case $learner in
      iq-learn)
        average=40000
        iq_learn="--batch 128 --alpha 0.25 --layer-norm true --gamma 0.96 --critic-learning-rate 1e-3 --actor-learning-rate 3e-4" ;;
    esac
    ;;
  HalfCheetah | Ant)
    case $task-$learner-$demos in
      *-dac-*) steps=120000 ;;
      HalfCheetah-pwil-1) steps=450000 ;;
      *) steps=250000 ;;
    esac
    sac="--steps $steps --start 5000 --learning-rate 7e-4 --gamma 0.98 --tau 0.01"
    iq="--steps $steps --start 5000"
    ;;
  *) echo "tools/experts/imitate.sh: no demonstrations of '$task'" >&2; exit 2 ;;
esac
# Where everything is equally unlike the demonstrations, only a discriminator, which is tired of what it sees
# often, drives the agent on. On these two tasks the others begin at a clone.
warm=
clone="--warm-start $cloned/policy.pt --critic-warmup $warmup"
case $task-$learner in
  InvertedPendulumSwingup-pwil | InvertedPendulumSwingup-sinkhorn | Hopper-sinkhorn) warm="$clone --temperature 0.1" ;;
  Hopper-pwil | Ant-pwil) warm="--warm-start $cloned/policy.pt --deviation 0.3" ;;
  InvertedPendulumSwingup-sqil | InvertedPendulumSwingup-iq-learn | Hopper-sqil) warm="$clone" ;;
esac
off_policy="--hidden 64,64 --average $average $evaluations"
# PWIL by PPO takes more steps than by SAC and less time. SAC forgets a clone that soon falls, PPO does not.
case $task in
  Hopper) pwil="--rl ppo --steps 500000 --decay true $on_policy $warm" ;;
  Ant) pwil="--rl ppo --steps 1000000 --decay true $on_policy $warm" ;;
  *) pwil="$off_policy --batch 128 $sac $warm ${pwil:-}" ;;
esac
if [ -n "$warm" ]; then
  "$0" "$task" bc "$demos" "$seed" "$out" "$understudy"
fi
case $learner in
  bc)
    set -- bc --hidden 64,64 --validation 0 --episodes "$demos" --final-episodes 100 ;;
  pwil)
    set -- pwil --demos "$demos" $pwil ;;
  random)
    set -- pwil --control random --demos "$demos" $pwil ;;
  dac)
    set -- dac --rl sac --reward-hidden 64,64 --demos "$demos" $off_policy --batch 128 $sac ;;
  sqil)
    set -- sqil --demos "$demos" $off_policy --batch 128 $iq --learning-rate 3e-4 --temperature 0.01 --tune-temperature false $warm ;;
  iq-learn)
    set -- iq-learn --demos "$demos" $off_policy $iq $iq_learn $warm ;;
  sinkhorn)
    set -- sinkhorn --rl sac --reward-learn-cost false --demos "$demos" $off_policy --batch 128 $sac $warm ;;
  gail)
    set -- gail --rl ppo --steps 1000000 --demos "$demos" $on_policy ;;
  airl)
    set -- airl --rl ppo --steps 500000 --demos "$demos" $on_policy ;;
  *) echo "tools/experts/imitate.sh: no options for '$learner'" >&2; exit 2 ;;
esac
# Every row says all that it wants: what it does not say is as it was before learners had recipes.
preset=
[ "$learner" = bc ] || preset="--preset paper"
exec "$understudy" train "$@" $preset --env "$task" --data "$here/$task/demos.h5" --subsample 20 --seed "$seed" --out "$run" --force
