#!/bin/sh
# The program's files in other people's hands: records a few episodes, clones them, and lets Python's h5py,
# robomimic, Minari, torch and onnxruntime read the very files. usage: tests/peers/run.sh UNDERSTUDY TRACE FOLDER
#   UNDERSTUDY  the program
#   TRACE       policy_trace of this folder, which writes a policy that remembers
#   FOLDER      everything is made in here; what an earlier run left, the Python environment excepted, is removed
set -eu

if [ $# -ne 3 ]; then
  echo "usage: tests/peers/run.sh UNDERSTUDY TRACE FOLDER" >&2
  exit 2
fi
understudy=$(realpath "$1")
policy_trace=$(realpath "$2")
here=$(realpath "$(dirname "$0")")
mkdir -p "$3"
cd "$3"
rm -rf demos minari runs foreign formats
mkdir demos runs

"$here/setup.sh" venv
python=venv/bin/python
unset DISPLAY WAYLAND_DISPLAY
export SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy PYTHONDONTWRITEBYTECODE=1

for task in Reach Drive; do
  echo "== $task: recording"
  "$understudy" record --env $task --device synthetic --episodes 4 --seed 1 --out demos/$task.h5
  # A second session adds by packing the file anew: the layout must survive that too, and so must the others'
  # readers the values that its episodes were varied by.
  "$understudy" envs $task --randomisation >demos/$task.toml
  "$understudy" record --env $task --device synthetic --episodes 3 --seed 1 --out demos/$task.h5 \
    --randomise demos/$task.toml
  "$understudy" data convert --minari minari/$task demos/$task.h5
  echo "== $task: reading it with h5py, Minari and robomimic"
  $python "$here/read_dataset.py" demos/$task.h5 --minari minari/$task
  for likelihood in mse gaussian; do
    run=runs/$task-$likelihood
    echo "== $task: running a policy ($likelihood) with torch"
    "$understudy" train bc --data demos/$task.h5 --env $task --likelihood $likelihood --seed 1 --epochs 5 \
      --eval-episodes 1 --final-episodes 1 --out $run
    "$understudy" eval $run --env $task --episodes 1 --trace $run.csv
    $python "$here/run_policy.py" $run/policy.pt $run.csv
  done
done
echo "== running a policy that remembers with torch"
"$policy_trace" runs/recurrent.pt runs/recurrent.csv
$python "$here/run_policy.py" runs/recurrent.pt runs/recurrent.csv
echo "== images"
"$understudy" data images demos/Reach.h5 --camera front --camera side:64x48 --depth --segmentation
$python "$here/images_view.py" demos/Reach_images.h5 demos/Reach.h5
"$understudy" data convert --minari minari/images demos/Reach_images.h5
MINARI_DATASETS_PATH=minari/images $python -c "
import minari
episode = next(iter(minari.load_dataset('understudy/reach-v0').iterate_episodes()))
print('Minari:', {key: value.shape for key, value in episode.observations.items()})"
echo "== files as robomimic's users have them"
$python "$here/foreign_files.py" "$understudy" demos/Reach.h5 foreign
echo "== every layout that comes in"
$python "$here/other_formats.py" "$understudy" demos/Reach.h5 formats
echo "== spoiled files"
$python "$here/spoiled_files.py" demos/Reach.h5 --minari minari/Reach
echo "peers: all agree"
echo "== exported policies of every kind in onnxruntime"
for kind in mlp rnn transformer act diffusion flow stream; do
  "$understudy" train bc --data demos/Reach.h5 --env Reach --policy $kind --seed 1 --epochs 1 --epoch-updates 5 \
    --eval-episodes 1 --final-episodes 1 --out runs/$kind
  for format in onnx torchscript; do "$understudy" export runs/$kind --to $format --episodes 1; done
done
(cd runs && "../$python" "$here/exported_policies.py" mlp rnn transformer act diffusion flow stream)
