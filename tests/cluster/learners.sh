# shellcheck shell=sh
# Sourced: the learners that train in step, each as one short training. Wants $understudy and $folder.

demonstrations=$folder/demos.h5
[ -f "$demonstrations" ] ||
  "$understudy" record --env Reach --device scripted --episodes 6 --seed 1 --out "$demonstrations" >/dev/null 2>&1

learners="mlp ensemble rnn transformer act diffusion flow stream ppo trpo vpg gail airl pwil"

# The options of a training of learner $1, but for --out.
training() {
  cloning="train bc --env Reach --data $demonstrations --seed 3 --shards 4 --threads 1 --eval-episodes 4
    --final-episodes 4 --epoch-updates 10 --batch 32 --observation-noise 0.05"
  rollouts="--env Reach --seed 3 --environments 8 --shards 4 --eval-episodes 4 --final-episodes 4 --rollout 400
    --steps 1600 --eval-every 800"
  case $1 in
    mlp) echo $cloning --epochs 4 ;;
    ensemble | stream | act) echo $cloning --epochs 2 --policy "$1" ;;
    rnn) echo $cloning --epochs 2 --policy rnn --horizon 8 ;;
    transformer) echo $cloning --epochs 2 --policy transformer --dropout 0.1 ;;
    diffusion | flow) echo $cloning --epochs 1 --policy "$1" --widths 16,32 ;;
    ppo) echo train ppo $rollouts --epochs 2 ;;
    trpo | vpg) echo train "$1" $rollouts ;;
    gail | airl | pwil) echo train "$1" --rl ppo --data "$demonstrations" $rollouts --epochs 2 ;;
  esac
}

# As many processes as $1 that run understudy with the other arguments.
ranks() {
  count=$1
  shift
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 \
    mpirun --oversubscribe --mca odls_base_sigkill_timeout 30 -np "$count" "$understudy" "$@"
}

sha256() { sha256sum <"$1" | cut -d' ' -f1; }
