// Pictures that a visitor drops anywhere on the page, pastes, chooses, or takes with the camera.

// Calls `onPicture(blob, name)` for each.
export function watchPictures(onPicture) {
  const find = (id) => document.getElementById(id);
  const file = find("file"), pad = find("pad");

  addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    pad.classList.add("over");
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) pad.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    pad.classList.remove("over");
    const [picture] = event.dataTransfer.files;
    if (picture) onPicture(picture, picture.name);
  });
  addEventListener("paste", (event) => {
    const [picture] = event.clipboardData.files;
    if (picture) onPicture(picture, picture.name);
  });
  find("choose").addEventListener("click", () => {
    file.removeAttribute("capture");
    file.click();
  });
  file.addEventListener("change", () => {
    if (file.files[0]) onPicture(file.files[0], file.files[0].name);
    file.value = "";
  });
  watchCamera(find, file, onPicture);
}

function watchCamera(find, file, onPicture) {
  const dialog = find("viewfinder"), video = find("video"), take = find("take"), problem = find("camera-problem");

  find("camera").addEventListener("click", async () => {
    if (!navigator.mediaDevices) { // browsers allow it only on localhost and https; on http, phones offer their camera app
      file.setAttribute("capture", "environment");
      file.click();
      return;
    }
    problem.hidden = take.disabled = true;
    video.hidden = false;
    dialog.showModal();
    try {
      const camera = { facingMode: "environment", width: { ideal: 1280 } };
      const stream = await navigator.mediaDevices.getUserMedia({ video: camera });
      video.srcObject = stream;
      if (!dialog.open) stop(); // the dialog was closed while the browser asked for permission
    } catch (error) {
      video.hidden = true;
      problem.hidden = false;
      problem.textContent = error.name === "NotAllowedError"
        ? "The browser does not allow the camera here. Allow it in the browser's settings for this page."
        : "No camera can be used. Choose a picture instead.";
    }
  });
  video.addEventListener("loadeddata", () => { take.disabled = false; });
  take.addEventListener("click", () => {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 }).then((blob) => onPicture(blob, "camera.jpg"));
    dialog.close();
  });
  find("cancel").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);

  function stop() {
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    video.srcObject = null;
  }
}
